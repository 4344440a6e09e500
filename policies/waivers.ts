import type { PolicyFinding, WaiverTerms, WaiverUse } from "./analysis/verdict/report";
import type { Waiver } from "./config";
import { matchesGlob } from "./config/glob";
import { printableLine } from "./printable";

/** Accepted findings: which waiver covers what, how long it lasts, and what reports say about it. */

/** The valid waiver that covers a finding, the first in the order of the configuration. */
export function waiverFor(
  policy: string,
  finding: PolicyFinding,
  waivers: readonly Waiver[],
  today: string,
): Waiver | undefined {
  return waivers.find(
    (waiver) =>
      waiver.policy === policy &&
      waiver.outcome === finding.outcome &&
      !isExpired(waiver, today) &&
      matchesGlob(waiver.urn, finding.resource),
  );
}

/** A waiver is valid through its last day, UTC. Calendar dates of four-digit years compare as texts. */
function isExpired(waiver: Waiver, today: string): boolean {
  return today > waiver.expires;
}

export function useOf(waiver: Waiver, used: boolean, today: string): WaiverUse {
  const { policy, urn } = waiver;
  return {
    policy,
    urn,
    ...termsOf(waiver, today),
    state: isExpired(waiver, today) ? "expired" : used ? "used" : "unused",
  };
}

const DAY_MS = 86_400_000;

export function termsOf({ owner, reason, expires }: Waiver, today: string): WaiverTerms {
  return { owner, reason, expires, daysLeft: Math.round((Date.parse(expires) - Date.parse(today)) / DAY_MS) };
}

/** Days before its last one from which a waiver is worth a reminder. */
export const NOTICE_DAYS = 14;

/** `mail-team, until 2027-01-31 (9 days left): hybrid cut-over`. */
export function waiverText(waiver: WaiverTerms): string {
  return `${printableLine(waiver.owner)}, ${term(waiver)}: ${printableLine(waiver.reason)}`;
}

function term({ expires, daysLeft }: WaiverTerms): string {
  if (daysLeft < 0) return `expired ${expires} (${days(-daysLeft)} ago)`;
  return `until ${expires} (${daysLeft === 0 ? "its last day" : `${days(daysLeft)} left`})`;
}

function days(n: number): string {
  return n === 1 ? "1 day" : `${n} days`;
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
export function waiverAdvice({ expires, daysLeft, state }: WaiverUse): string | null {
  if (state === "expired") return `expired on ${expires}: what it covered counts again. Fix that, or renew the waiver.`;
  if (state === "unused") return "matches no finding: remove it, or correct its policy, URN or outcome.";
  if (daysLeft > NOTICE_DAYS) return null;
  return `ends ${daysLeft === 0 ? "today" : `in ${days(daysLeft)}, on ${expires}`}: fix what it covers, or renew it.`;
}
