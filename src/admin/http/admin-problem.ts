/** A refusal of this door in its own words; to-problem makes the answer. */
export class AdminProblem extends Error {
  constructor(
    readonly status: number,
    /** Machine-readable, the end of the problem's `type`. */
    readonly reason: string,
    readonly detail: string,
    readonly more: {
      readonly errors?: readonly InvalidField[];
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(detail);
    this.name = 'AdminProblem';
  }
}

/** `pointer`: a JSON pointer into the body (`#/name`), or the name of a query parameter. */
export interface InvalidField {
  readonly pointer: string;
  readonly detail: string;
}

/** One answer for a token that is missing, wrong, expired or revoked: which of them it is helps only whoever guesses. */
export const unauthorized = () =>
  new AdminProblem(401, 'unauthorized', 'A valid operator token is required: Authorization: Bearer <token>.', {
    headers: { 'www-authenticate': 'Bearer realm="Rollcall admin"' },
  });

export const notFound = (what: string) => new AdminProblem(404, 'not-found', `There is no ${what}.`);
