/**
 * Whether a text matches a glob: `*` is any run of characters, `?` any one, everything else itself. It takes time
 * linear in the text for each `*`, whatever the pattern.
 */
export function globMatches(glob: string, text: string): boolean {
  let [g, t, star, resume] = [0, 0, -1, 0];
  while (t < text.length) {
    if (glob[g] === '*') [star, resume, g] = [g, t, g + 1];
    else if (glob[g] === '?' || glob[g] === text[t]) [g, t] = [g + 1, t + 1];
    else if (star !== -1) [resume, g, t] = [resume + 1, star + 1, resume + 1];
    else return false;
  }
  while (glob[g] === '*') g += 1;
  return g === glob.length;
}
