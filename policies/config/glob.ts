/**
 * Matches a whole text against a glob in which `*` stands for any run of characters, `/` and `:` included, and `?` for one.
 * Everything else stands for itself. Linear in practice, never exponential: it goes back to the last `*` only.
 */
export function matchesGlob(glob: string, text: string): boolean {
  let g = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (glob[g] === "*") {
      star = g++;
      mark = t;
    } else if (g < glob.length && (glob[g] === "?" || glob[g] === text[t])) {
      g++;
      t++;
    } else if (star >= 0) {
      g = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (glob[g] === "*") g++;
  return g === glob.length;
}
