import type { JsonObject } from '../schema/attribute.js';
import { invalidValue, ScimError } from '../scim-error.js';
import type { BulkOperation, BulkOutcome } from './bulk-operation.js';
import { referenceOf, referencesIn, resolveReferences, withoutReferences } from './references.js';

/** What is known of a bulk request while it is performed: which bulkIds are there, what became of each operation. */
export class BulkProgress {
  private readonly makers = new Map<string, number>();
  private readonly ids = new Map<string, string>();
  private readonly settled = new Map<number, BulkOutcome>();
  private failures = 0;

  constructor(operations: readonly BulkOperation[]) {
    for (const [index, { method, bulkId }] of operations.entries()) {
      if (method === 'POST' && bulkId !== undefined) this.makers.set(bulkId, index);
    }
  }

  get outcomes(): ReadonlyMap<number, BulkOutcome> {
    return this.settled;
  }

  get errors(): number {
    return this.failures;
  }

  /** The resource of this bulkId is there; its operation may yet have to be completed. */
  made({ bulkId }: BulkOperation, id: string): void {
    if (bulkId !== undefined) this.ids.set(bulkId, id);
  }

  settle(index: number, outcome: BulkOutcome): void {
    this.settled.set(index, outcome);
    if (outcome.error) this.failures += 1;
  }

  /** The id in a path, or the one it refers to. Throws ScimError. */
  idOf(id: string): string {
    const bulkId = referenceOf(id);
    return bulkId === undefined ? id : this.resolve(bulkId);
  }

  /** The id in a path, or the one it refers to if that is there. */
  knownId(id: string): string | undefined {
    const bulkId = referenceOf(id);
    return bulkId === undefined ? id : this.ids.get(bulkId);
  }

  /** The data with every reference resolved. Throws ScimError. */
  dataOf({ data }: BulkOperation): JsonObject | undefined {
    return data && resolveReferences(data, (bulkId) => this.resolve(bulkId));
  }

  /** The data without the references whose operations are still to come. Throws ScimError for those that never come. */
  dataToBeginWith({ data }: BulkOperation): JsonObject | undefined {
    if (!data) return undefined;
    const withheld = [...referencesIn(data)].filter((bulkId) => this.isToCome(bulkId));
    return resolveReferences(withoutReferences(data, new Set(withheld)), (bulkId) => this.resolve(bulkId));
  }

  private isToCome(bulkId: string): boolean {
    const maker = this.makers.get(bulkId);
    return maker !== undefined && !this.ids.has(bulkId) && !this.settled.has(maker);
  }

  private resolve(bulkId: string): string {
    const id = this.ids.get(bulkId);
    if (id !== undefined) return id;
    const shown = `"${bulkId.slice(0, 100)}"`;
    const maker = this.makers.get(bulkId);
    if (maker === undefined) throw invalidValue(`No POST of this request has the bulkId ${shown}.`);
    const outcome = this.settled.get(maker);
    throw new ScimError(
      409,
      outcome
        ? `This refers to the bulkId ${shown}, whose operation failed with status ${outcome.status}.`
        : `This refers to the bulkId ${shown}, whose operation was not performed.`,
    );
  }
}
