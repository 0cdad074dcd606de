/**
 * In what order the operations of a bulk request are performed. An operation waits for the POSTs that it refers to; operations on
 * one kind of resource otherwise keep their order, so that one never takes a name that another has yet to give up (RFC 7644
 * section 3.7: the order may change only if the result does not). POSTs that wait for each other in a circle are begun without what
 * refers to the others and completed when these are there: "The service provider MUST try to resolve circular cross-references between
 * resources in a single bulk job" (section 3.7.1).
 */
import type { BulkOperation } from './bulk-operation.js';
import { referenceOf, referencesIn } from './references.js';
import { targetOf } from './target-of.js';

export interface Step {
  readonly index: number;
  /** `begin`: without the references that cannot be resolved yet; `complete`: the same operation once more, with them. */
  readonly kind: 'whole' | 'begin' | 'complete';
}

/** What an operation waits for, as indexes of other operations. */
interface Node {
  state: 'waiting' | 'begun' | 'done';
  /** POSTs whose ids it needs. Those before `next` are there. */
  readonly needs: readonly number[];
  next: number;
  /** The POST that makes its target, which must be complete. */
  readonly target: number | undefined;
  /** The operation before it on the same kind of resource. */
  readonly previous: number | undefined;
}

/** Every operation once as a whole, or begun and completed. */
export function planBulk(operations: readonly BulkOperation[]): Step[] {
  const nodes = toNodes(operations);
  const steps: Step[] = [];
  for (let waiting = nodes.length; waiting > 0; waiting--) {
    const index = firstFree(nodes);
    const { index: chosen, kind } = index === undefined ? pullForward(nodes) : { index, kind: 'whole' as const };
    nodes[chosen]!.state = kind === 'whole' ? 'done' : 'begun';
    steps.push({ index: chosen, kind });
    for (const [at, node] of nodes.entries()) {
      if (node.state !== 'begun' || blockerOf(nodes, node) !== undefined) continue;
      node.state = 'done';
      steps.push({ index: at, kind: 'complete' });
    }
  }
  return steps;
}

function toNodes(operations: readonly BulkOperation[]): Node[] {
  const makers = new Map<string, number>();
  for (const [index, { method, bulkId }] of operations.entries()) {
    if (method === 'POST' && bulkId !== undefined) makers.set(bulkId, index);
  }
  const latest = new Map<string, number>();
  return operations.map((operation, index) => {
    const { endpoint, id } = targetOf(operation) ?? {};
    const previous = endpoint === undefined ? undefined : latest.get(endpoint);
    if (endpoint !== undefined) latest.set(endpoint, index);
    const named = id === undefined ? undefined : referenceOf(id);
    // A reference to nothing is waited for by nobody: the operation is refused when its turn comes.
    const needs = [...referencesIn(operation.data ?? null)].flatMap((bulkId) => makers.get(bulkId) ?? []);
    return {
      state: 'waiting',
      needs: needs.sort((a, b) => a - b),
      next: 0,
      target: named === undefined ? undefined : makers.get(named),
      previous,
    };
  });
}

/** The first operation that a node still waits for. Amortised constant: what is there stays there. */
function blockerOf(nodes: readonly Node[], node: Node): number | undefined {
  if (node.target !== undefined && nodes[node.target]!.state !== 'done') return node.target;
  while (node.next < node.needs.length && nodes[node.needs[node.next]!]!.state !== 'waiting') node.next++;
  return node.needs[node.next];
}

function firstFree(nodes: readonly Node[]): number | undefined {
  const index = nodes.findIndex(
    (node) =>
      node.state === 'waiting' &&
      (node.previous === undefined || nodes[node.previous]!.state !== 'waiting') &&
      blockerOf(nodes, node) === undefined,
  );
  return index < 0 ? undefined : index;
}

/** Nothing is free: whoever's turn it is gets what it waits for, at the end of the chain, or the first of the circle it leads into. */
function pullForward(nodes: readonly Node[]): { index: number; kind: 'whole' | 'begin' } {
  const trail: number[] = [];
  const seen = new Set<number>();
  let at = nodes.findIndex(({ state }) => state === 'waiting');
  while (!seen.has(at)) {
    seen.add(at);
    trail.push(at);
    const blocker = blockerOf(nodes, nodes[at]!);
    if (blocker === undefined) return { index: at, kind: 'whole' };
    at = blocker;
  }
  return { index: Math.min(...trail.slice(trail.indexOf(at))), kind: 'begin' };
}
