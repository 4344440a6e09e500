// Counts the tests in vitest's JSON results, and failed steps as failures: prints "N passed, N failed" and exits 1 unless all is well.
import { readFileSync } from "node:fs";

const [resultsFile, failedSteps] = process.argv.slice(2);

function read() {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}

const { numPassedTests, numFailedTests, testResults } = read();
// A file that does not load has no tests to fail.
const brokenFiles = testResults.filter(
  (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
);
// The step of vitest itself counts only where no test and no file explains it.
const explained = numFailedTests + brokenFiles.length;
const failed = Math.max(explained, 0) + Math.max(0, Number(failedSteps) - (explained > 0 ? 1 : 0));
console.log(`${numPassedTests} passed, ${failed} failed`);
process.exitCode = failed > 0 || numPassedTests === 0 ? 1 : 0;
