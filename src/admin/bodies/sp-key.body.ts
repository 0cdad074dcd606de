import { Choice } from '../field.decorators.js';

export class CreateSpKeyBody {
  @Choice(['signing', 'encryption'], 'For messages to the IdP, or for assertions that the IdP encrypts')
  use!: 'signing' | 'encryption';
}
