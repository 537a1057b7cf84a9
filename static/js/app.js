// Binds every [data-behaviour] to the module of that name; a page loads only what it uses.
export async function bind(root = document) {
  const elements = [...root.querySelectorAll("[data-behaviour]:not([data-bound])")];
  await Promise.all(elements.map(async (element) => {
    element.dataset.bound = "";
    const names = element.dataset.behaviour.split(/\s+/);
    const loading = names.map((name) => import(`./behaviours/${name}.js`));
    for (const module of loading) (await module).default(element); // in their order, whichever comes first
  }));
}

bind();
