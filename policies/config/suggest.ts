/** The known name that a misspelt or shortened one most likely means, or null if none is close. */
export function suggest(name: string, known: Iterable<string>): string | null {
  const names = [...known];
  const longer = names.filter((candidate) => name.length > 2 && candidate.startsWith(name));
  if (longer.length === 1) return longer[0] ?? null;
  let best: string | null = null;
  // Where half of a word is different, another word was meant.
  let bestDistance = Math.min(Math.max(2, Math.floor(name.length / 3)), Math.floor((name.length - 1) / 2)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean "approvedSenders"?`, or what is known when nothing is close. */
export function didYouMean(name: string, known: readonly string[]): string {
  const match = suggest(name, known);
  return match === null ? `; expected one of ${known.join(", ")}` : `; did you mean ${JSON.stringify(match)}?`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
