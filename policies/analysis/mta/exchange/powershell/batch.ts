import { isHarmless } from "./harmless";
import type { Interpreter } from "./interpreter";
import { baseName, runProgram, splitWords } from "./processes";

/** What in a line of a batch script may change a mail server, or run something that does. */
const suspicious = /powershell|pwsh|\.ps1|\.vbs|\.bat|\.cmd|cscript|wscript|exchange|connector|^start\s/i;

/** Runs a batch script line by line: programs that are known, and PowerShell. */
export function runBatch<S>(text: string, label: string, shell: Interpreter<S>): void {
  shell.under(label, () => {
    for (const [i, raw] of text.replace(/\r/g, "").split("\n").entries()) {
      const line = raw.trim().replace(/^@/, "");
      if (line === "" || /^(?:rem\b|::|:\w|echo\b|setlocal|endlocal|goto\b|set\b)/i.test(line)) {
        if (!/[&|>]/.test(line) || !suspicious.test(line)) continue;
      }
      const call = { name: "", words: [], input: null, line: i + 1, text: line };
      const [program = "", ...words] = splitWords(line);
      const name = baseName(program.toLowerCase());
      const chained = /[&|<>^%]|^(?:if|for|call)\b/i.test(line.replace(/"[^"]*"/g, ""));
      if (!chained && (name === "powershell" || name === "pwsh")) runProgram(call, shell, name, program, words);
      else if (suspicious.test(line)) shell.problem(`this is not read, and may change the mail server: ${line}`, i + 1);
      else if (!chained && !isHarmless(name)) shell.problem(`this program is not known here: ${line}`, i + 1);
      else if (
        chained &&
        !/^(?:if|for)\b/i.test(line) &&
        !line.split(/[&|]+/).every((part) => isHarmless(baseName((splitWords(part)[0] ?? "").toLowerCase())))
      )
        shell.problem(`this program is not known here: ${line}`, i + 1);
    }
  });
}
