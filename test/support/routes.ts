import type { TestServer } from './app.js';

/** A route as the HTTP layer knows it; parameters as `:name`. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

/** Every route of the running server below a prefix, read off the router itself, so that none can be forgotten. HEAD goes with GET. */
export function routesOf(server: Pick<TestServer, 'app'>, prefix: string): Route[] {
  const tree = server.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
  const above: string[] = [];
  const routes = tree.split('\n').flatMap((line) => {
    const [, branch, segment, methods] = /^([│ ]*[└├]── )(\S+)(?: \(([^)]*)\))?/.exec(line) ?? [];
    if (branch === undefined || segment === undefined) return [];
    const depth = branch.length / 4 - 1;
    above.splice(depth, Infinity, segment);
    const path = above.join('').replace(/\/{2,}/g, '/');
    return (methods ?? '').split(', ').map((method) => ({ method, path: path.startsWith('/') ? path : `/${path}` }));
  });
  return routes.filter(({ method, path }) => method !== '' && method !== 'HEAD' && path.startsWith(prefix));
}
