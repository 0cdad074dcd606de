import { administer } from './global-setup.mjs';

export default async function () {
  if (process.env.TEST_DATABASE === 'postgres')
    await administer(`DROP DATABASE IF EXISTS ${process.env.TEST_TEMPLATE} WITH (FORCE)`);
}
