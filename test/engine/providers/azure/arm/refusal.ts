/** An error of Azure Resource Manager as the provider reports it: the code and the message. */
export function refusal(code: string, message: string): Error {
  return new Error(`Code="${code}" Message="${message}"`);
}

/** A limit that a page of Microsoft's states without the code of the error. */
export function limit(message: string): Error {
  return new Error(message);
}
