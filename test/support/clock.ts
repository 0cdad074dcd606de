import { Clock } from '../../src/platform/clock.js';

/** A clock that goes on by itself and can be moved. */
export class MovableClock extends Clock {
  private offset = 0;

  override now(): Date {
    return new Date(Date.now() + this.offset);
  }

  advance(seconds: number): void {
    this.offset += seconds * 1000;
  }

  set(instant: Date): void {
    this.offset = instant.getTime() - Date.now();
  }
}
