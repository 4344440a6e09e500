/** A recording without what nobody reads and without traces of the machine that it was made on, in short lines. */
export function compact(file: string, text: string): string {
  if (file.endsWith(".jsonl")) {
    const events = text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
    const kept = events.filter((event) => event.diagnosticEvent === undefined && event.progressEvent === undefined);
    return `${kept.map((event) => JSON.stringify(event)).join("\n")}\n`;
  }
  const document = JSON.parse(text, (key, value) =>
    key === "stackTrace"
      ? undefined
      : key === "sourcePosition"
        ? value.replace(/^project:\/\/\/.*\/node_modules\//, "project:///node_modules/")
        : value,
  );
  delete document.diagnostics;
  const list = document.steps ?? document.deployment.resources;
  const marked = JSON.stringify(document, (_, value) => (value === list ? "LIST" : value));
  const lines = list.map((item: unknown) => JSON.stringify(item)).join(",\n");
  return `${marked.replace('"LIST"', () => `[\n${lines}\n]`)}\n`;
}
