/** An answer that a check stopped, and that was the one of a test sign-in: its result is at `location`. */
export class TestConcluded extends Error {
  constructor(readonly location: string) {
    super('A test sign-in ended');
  }
}
