import { printable } from "../../../policies/printable";

/** HTML or SVG that is safe to put into a page. */
export interface Markup {
  readonly html: string;
}

export type Child = Markup | string | number | null | readonly Child[];
export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

const VOID = new Set(["meta", "link", "input", "br"]);

/** An element. Texts and attribute values are escaped; an attribute that is null or false is left out. */
export function h(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): Markup {
  const open = Object.entries(attributes).reduce((text, [key, value]) => {
    if (value === null || value === false) return text;
    return value === true ? `${text} ${key}` : `${text} ${key}="${escapeHtml(String(value))}"`;
  }, tag);
  return { html: VOID.has(tag) ? `<${open}>` : `<${open}>${children.map(render).join("")}</${tag}>` };
}

function render(child: Child): string {
  if (child === null) return "";
  if (typeof child === "string" || typeof child === "number") return escapeHtml(String(child));
  return "html" in child ? child.html : child.map(render).join("");
}

export function escapeHtml(text: string): string {
  return printable(text.replace(/[ \t\r\n]+/g, " ")).replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`);
}
