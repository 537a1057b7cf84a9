// Binds every [data-behaviour] to the module of that name; a page loads only what it uses.
export async function bind(root = document) {
  const elements = [...root.querySelectorAll("[data-behaviour]:not([data-bound])")];
  await Promise.all(elements.map(async (element) => {
    element.dataset.bound = "";
    for (const name of element.dataset.behaviour.split(/\s+/)) {
      const module = await import(`./behaviours/${name}.js`);
      module.default(element);
    }
  }));
}

bind();
