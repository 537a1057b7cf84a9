// Notices of a running paper, one for each key; built as elements, never from strings of markup.
const sprite = () => document.querySelector("use").getAttribute("href").split("#")[0];
const SVG = "http://www.w3.org/2000/svg";

export function icon(name, size) {
  const drawing = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("width", size);
  drawing.setAttribute("height", size);
  drawing.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite()}#${name}`);
  drawing.append(use);
  return drawing;
}

export function say(region, key, { kind, name, title, text, link }) {
  const notice = region.querySelector(`[data-key="${key}"]`) ?? document.createElement("div");
  const body = document.createElement("div");
  const bold = document.createElement("strong");
  bold.textContent = title;
  body.className = "notice__text";
  body.append(bold, ` ${text ?? ""} `);
  if (link) body.append(Object.assign(document.createElement("a"), { className: "link", textContent: link.text, href: link.href, target: "_blank", rel: "noopener" }));
  notice.className = `notice notice--${kind}`;
  notice.dataset.key = key;
  if (notice.textContent.trim() !== body.textContent.trim()) notice.replaceChildren(icon(name, 22), body);
  if (!notice.isConnected) {
    notice.setAttribute("role", "status");
    region.append(notice);
  }
}

export function hush(region, key) {
  region.querySelector(`[data-key="${key}"]`)?.remove();
}
