import { toListResponse, type ListHead } from '../protocol/list-response.js';
import type { JsonObject } from '../protocol/schema/attribute.js';

/** Resources that are too large to be held at once: of each its JSON text as it is shown, in pieces. */
export type LateResources = () => AsyncIterable<AsyncIterable<string> | Iterable<string>>;

/** A ListResponse as JSON text, piece by piece; how many resources it has is said at its end, when they are counted. */
export async function* printList(
  head: ListHead,
  shown: readonly JsonObject[],
  late: LateResources,
): AsyncGenerator<string> {
  const { Resources, itemsPerPage, ...rest } = toListResponse(shown, head);
  let count = itemsPerPage;
  yield `${JSON.stringify(rest).slice(0, -1)},"Resources":[${JSON.stringify(Resources).slice(1, -1)}`;
  for await (const resource of late()) {
    let begun = false;
    for await (const piece of resource) {
      if (!begun && count++ > 0) yield ',';
      begun = true;
      yield piece;
    }
  }
  yield `],"itemsPerPage":${count}}`;
}
