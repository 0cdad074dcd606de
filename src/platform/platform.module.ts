import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Clock } from './clock.js';
import { Fetcher } from './fetcher.js';
import { Log } from './logger.js';
import { MasterKeys } from './master-keys.js';
import { Metrics } from './metrics.js';
import { PublicUrl } from './public-url.js';

/** Settings, time, log, keys, the server's own address and what others have to say, for every room. */
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
        { provide: Fetcher, useFactory: () => Fetcher.load(config) },
        Metrics,
        PublicUrl,
      ],
      exports: [CONFIG, Clock, Fetcher, Log, MasterKeys, Metrics, PublicUrl],
    };
  }
}
