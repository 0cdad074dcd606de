/**
 * Work beside the requests, done again and again: never twice at once, and what goes wrong is told and tried the next time. It keeps no
 * process alive.
 */
export class Repeating {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly everyMs: number,
    private readonly work: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running ??= this.work()
        .catch(this.failed)
        .finally(() => (this.running = undefined));
    }, this.everyMs).unref();
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }
}
