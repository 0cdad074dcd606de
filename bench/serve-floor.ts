import { startFloor } from './floor.js';

await startFloor(process.env['DATABASE_URL']!, Number(process.env['DATABASE_POOL_SIZE']), Number(process.env['PORT']));
