// Counts the tests in vitest's JSON results, and failed steps as failures: prints "N passed, N failed" and exits 1 unless all is well.
import { readFileSync } from "node:fs";

const [failedSteps, ...resultFiles] = process.argv.slice(2);

let passed = 0;
let failed = 0;
let explainedSteps = 0;
for (const file of resultFiles) {
  const { numPassedTests, numFailedTests, testResults } = read(file);
  // A file that does not load has no tests to fail.
  const brokenFiles = testResults.filter(
    (result) => result.status === "failed" && result.assertionResults.every((test) => test.status !== "failed"),
  );
  const explained = numFailedTests + brokenFiles.length;
  passed += numPassedTests;
  failed += explained;
  if (explained > 0) explainedSteps++;
}
// The step of a run of vitest itself counts only where no test and no file explains it.
failed += Math.max(0, Number(failedSteps) - explainedSteps);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}
