import { both, type Clients, either, everybody, nobody, others } from "../sets";

/**
 * What a restriction does, for the clients that reach it. A client counts if it *can* bring the outcome about, by whatever
 * HELO name, sender or recipient it likes: an attacker chooses them.
 */
export interface Outcome {
  /** Clients that can have the list end with OK here. */
  readonly permit: Clients;
  /** Clients that can get past it undecided. Those in neither set are refused. */
  readonly pass: Clients;
}

export const passes: Outcome = { permit: nobody, pass: everybody };
export const refuses: Outcome = { permit: nobody, pass: nobody };
export const permits: Outcome = { permit: everybody, pass: nobody };

/** One restriction after another. */
export function followedBy(first: Outcome, second: Outcome): Outcome {
  return {
    permit: either(first.permit, both(first.pass, second.permit)),
    pass: both(first.pass, second.pass),
  };
}

/** `warn_if_reject`: those that would be refused get past it. */
export function warned(outcome: Outcome): Outcome {
  return { permit: outcome.permit, pass: either(outcome.pass, others(either(outcome.permit, outcome.pass))) };
}

/** Outcome for the clients in `where`, and no decision about the others. */
export function within(where: Clients, outcome: Outcome): Outcome {
  return { permit: both(where, outcome.permit), pass: either(others(where), both(where, outcome.pass)) };
}

/** Clients that are not refused in the end: the end of a list permits. */
export function accepted(outcome: Outcome): Clients {
  return either(outcome.permit, outcome.pass);
}
