/** What the server refused, or could not do. */
export class Fault extends Error {
  constructor(
    /** HTTP's; 0 when there was no answer. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | null = null,
    readonly fix: string | null = null,
    readonly field: string | null = null,
  ) {
    super(message);
  }
}
