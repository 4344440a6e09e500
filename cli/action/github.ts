import { gzipSync } from "node:zlib";
import { z } from "zod";
import type { GitHubContext } from "./inputs";

/** What is asked of GitHub's REST API (version 2022-11-28). */

/** An answer that is no success, or none at all. */
export class GitHubError extends Error {}

const comments = z.array(
  z.object({
    id: z.int(),
    body: z.string().nullish(),
    user: z.object({ login: z.string(), type: z.string() }).nullable(),
  }),
);
const user = z.object({ login: z.string() });

const PAGE = 100;

/**
 * Writes a comment on the pull request, over the one of an earlier run if there is one.
 *
 * @param marker what the comment begins with, which no reader sees, and no other comment of ours begins with
 * @throws GitHubError if it may not be written
 */
export async function keepComment(at: GitHubContext & { readonly pullRequest: number }, marker: string, text: string) {
  const body = `${marker}\n${text}`;
  const place = `/repos/${at.repository}/issues`;
  const own = await isOwn(at);
  for (let page = 1; ; page++) {
    const path = `${place}/${at.pullRequest}/comments?per_page=${PAGE}&page=${page}`;
    const found = comments.parse(await request(at, "GET", path));
    const mine = found.find((comment) => comment.body?.startsWith(marker) && own(comment.user));
    if (mine !== undefined) {
      if (mine.body !== body) await request(at, "PATCH", `${place}/comments/${mine.id}`, { body });
      return;
    }
    if (found.length < PAGE) break;
  }
  await request(at, "POST", `${place}/${at.pullRequest}/comments`, { body });
}

/** Whether a comment was written with this token: anybody can write one that begins with the marker. */
async function isOwn(at: GitHubContext): Promise<(author: { login: string; type: string } | null) => boolean> {
  try {
    const { login } = user.parse(await request(at, "GET", "/user"));
    return (author) => author?.login === login;
  } catch (error) {
    // The token of a workflow is an app's, which has no user.
    if (!(error instanceof GitHubError)) throw error;
    return (author) => author?.type === "Bot";
  }
}

/** @throws GitHubError if code scanning does not take it, for instance because the repository has none. */
export async function uploadSarif(at: GitHubContext, sarif: string): Promise<void> {
  await request(at, "POST", `/repos/${at.repository}/code-scanning/sarifs`, {
    commit_sha: at.sha,
    ref: at.ref,
    sarif: gzipSync(sarif).toString("base64"),
  });
}

async function request(at: GitHubContext, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${at.api}${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${at.token}`,
      "content-type": "application/json",
      "user-agent": "relayproof",
      "x-github-api-version": "2022-11-28",
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  }).catch((error: unknown) => {
    throw new GitHubError(`${method} ${path}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const text = await response.text();
  if (!response.ok) throw new GitHubError(`${method} ${path}: ${response.status} ${messageIn(text)}`);
  return text === "" ? null : JSON.parse(text);
}

function messageIn(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message);
  } catch {
    return text.slice(0, 200);
  }
}
