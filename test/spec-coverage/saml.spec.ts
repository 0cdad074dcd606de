import { checkPage } from './check-page.js';
import { SAML_REQUIREMENTS } from './saml-requirements.js';

/** Numbers in the tests of SCIM are those of another list. */
const files = /^test\/(?!scim\/|spec-coverage\/)/;

describe('the page of SAML acceptance tests', () => {
  checkPage('docs/saml-acceptance.md', {
    title: 'SAML: acceptance tests',
    intro:
      'What an answer of an IdP is put through, by number, and the tests that show it. Each refusal in a scenario also shows that ' +
      'there is no session cookie, no person and no link, the reason in the record, and one page to the outside. Made of the titles of ' +
      'the tests by `npm run spec-coverage`; a test fails when it is out of date, or a number is without a test.',
    requirements: SAML_REQUIREMENTS,
    files,
  });
});
