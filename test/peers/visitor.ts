import { formOf } from '../support/foreign-idp.js';
import { TestBrowser, type Answer } from '../support/saml-sign-in.js';

/** A browser that goes wherever pages and answers lead it, with the cookies of both sides. */
export class Visitor extends TestBrowser {
  /** Where it came by. */
  readonly visited: string[] = [];

  /** From this address on, to the first answer that leads nowhere, or to the address of an application. */
  async walk(address: string): Promise<Answer> {
    return this.follow(address, await this.get(address));
  }

  /** The same from what was answered at this address. */
  async follow(address: string, answer: Answer): Promise<Answer> {
    for (let steps = 0; steps < 12; steps++) {
      this.visited.push(address);
      const location = answer.headers.get('location');
      if (location !== null) {
        address = new URL(location, address).href;
        if (new URL(address).pathname.startsWith('/apps/')) return answer;
        answer = await this.get(address);
        continue;
      }
      const { action, fields } = formOf(answer.body);
      if (![...fields.keys()].some((name) => name.startsWith('SAML'))) return answer;
      address = new URL(action, address).href;
      answer = await this.post(address, fields);
    }
    throw new Error(`Led around in circles: ${this.visited.join(' ')}`);
  }
}
