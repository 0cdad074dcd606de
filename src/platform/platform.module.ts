import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Clock } from './clock.js';
import { Log } from './logger.js';
import { MasterKeys } from './master-keys.js';
import { PublicUrl } from './public-url.js';

/** Settings, time, log, keys and the server's own address for every room. */
@Global()
@Module({})
export class PlatformModule {
  static with(config: Config, clock: Clock, log: Log): DynamicModule {
    return {
      module: PlatformModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: Clock, useValue: clock },
        { provide: Log, useValue: log },
        { provide: MasterKeys, useFactory: () => MasterKeys.load(config) },
        PublicUrl,
      ],
      exports: [CONFIG, Clock, Log, MasterKeys, PublicUrl],
    };
  }
}
