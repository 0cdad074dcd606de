import { Clock } from '../../src/platform/clock.js';

/** A clock that goes on by itself, can be moved, and can be held. */
export class MovableClock extends Clock {
  private offset = 0;

  private held: number | undefined;

  override now(): Date {
    return new Date((this.held ?? Date.now()) + this.offset);
  }

  /** It stands still from now on; `advance` and `set` still move it. */
  hold(): void {
    this.held = Date.now();
  }

  advance(seconds: number): void {
    this.offset += seconds * 1000;
  }

  set(instant: Date): void {
    this.offset = instant.getTime() - (this.held ?? Date.now());
  }
}
