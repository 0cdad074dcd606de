/** The connection's settings cannot make a verifier: nobody can sign in through it, and others are not touched. */
export class UnusableConnection extends Error {}
