import type { Directory } from '../directory/directory.js';
import { sample } from '../random.js';

/** Draws the people and groups a step of life is about, the same for the same seed. */
export class Choice {
  constructor(
    private readonly directory: Directory,
    private readonly round: number,
  ) {}

  /** A share of the people as they were at first, at least `least`, of those to whom `fits` applies. */
  people(what: string, share: number, fits: (index: number) => boolean, least = 1): number[] {
    const { seed, initial, managers } = this.directory;
    const wanted = Math.max(least, Math.round(initial.users * share));
    const chosen: number[] = [];
    for (const index of sample(initial.users, initial.users, seed, what, this.round)) {
      if (chosen.length >= wanted) break;
      if (index >= managers && !this.directory.isGone(index) && fits(index)) chosen.push(index);
    }
    return chosen;
  }

  groups(what: string, share: number, least = 1): number[] {
    const all = [...this.directory.groups()];
    const wanted = Math.min(all.length, Math.max(least, Math.round(all.length * share)));
    return [...sample(wanted, all.length, this.directory.seed, what, this.round)].map((place) => all[place]!);
  }

  isActive = (index: number): boolean => this.directory.person(index).active;
}
