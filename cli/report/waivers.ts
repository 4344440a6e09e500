import type { WaiverTerms, WaiverUse } from "../../policies/analysis/verdict/report";
import { endsSoon } from "../../policies/judge";
import { printableLine } from "../../policies/printable";
import { count } from "./layout";

/** `mail-team, until 2027-01-31 (9 days left): hybrid cut-over`. */
export function waiverText(waiver: WaiverTerms): string {
  return `${printableLine(waiver.owner)}, ${waiverTerm(waiver)}: ${printableLine(waiver.reason)}`;
}

/** `until 2027-01-31 (9 days left)`. */
export function waiverTerm({ expires, daysLeft }: WaiverTerms): string {
  if (daysLeft < 0) return `expired ${expires} (${count(-daysLeft, "day")} ago)`;
  return `until ${expires} (${daysLeft === 0 ? "its last day" : `${count(daysLeft, "day")} left`})`;
}

/** What somebody has to do about waivers, one sentence each. */
export function waiverNotices(waivers: readonly WaiverUse[]): string[] {
  return waivers.flatMap((waiver) => {
    const advice = waiverAdvice(waiver);
    if (advice === null) return [];
    return [
      `The waiver of ${waiver.policy} for ${printableLine(waiver.urn)} (${printableLine(waiver.owner)}) ${advice}`,
    ];
  });
}

/** The predicate of such a sentence, or null if nothing has to be done. */
export function waiverAdvice(waiver: WaiverUse): string | null {
  const { expires, daysLeft, state } = waiver;
  if (state === "expired") return `expired on ${expires}: what it covered counts again. Fix that, or renew the waiver.`;
  if (state === "unused") return "matches no finding: remove it, or correct its policy, URN or outcome.";
  if (!endsSoon(waiver)) return null;
  return `ends ${daysLeft === 0 ? "today" : `in ${count(daysLeft, "day")}, on ${expires}`}: fix what it covers, or renew it.`;
}
