import { lookup, Resolver } from 'node:dns/promises';

/** Addresses of hosts. Public names are asked of DNS alone, with an answer or a failure within seconds. */
export class NameResolver {
  readonly resolver = new Resolver({ timeout: 2000, tries: 2 });

  /** All of them, IPv4 first; empty when the name has none. */
  async publicName(host: string): Promise<string[]> {
    const answers = await Promise.allSettled([this.resolver.resolve4(host), this.resolver.resolve6(host)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  }

  /** As this machine knows the host: also from its hosts file and search domains. Throws when it does not. */
  async ownName(host: string): Promise<string[]> {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  }
}
