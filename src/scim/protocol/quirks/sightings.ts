import type { QuirkName } from './all-quirks.js';
import type { Quirk } from './quirk.js';

/** What has been seen of a request so far. */
export class Sightings {
  readonly seen = new Map<QuirkName, string>();

  /** Looks at one site for all quirks that can be there. */
  look<Site>(quirks: readonly (Quirk<Site> & { readonly name: QuirkName })[], site: Site, where: string): void {
    for (const quirk of quirks) {
      if (!this.seen.has(quirk.name) && quirk.seenIn(site)) this.seen.set(quirk.name, where);
    }
  }
}
