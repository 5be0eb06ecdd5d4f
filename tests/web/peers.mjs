// SPDX-License-Identifier: Apache-2.0
// Packages installed outside the source tree: run.sh says where.
import { createRequire } from 'node:module';
import path from 'node:path';

export const peer = createRequire(path.join(process.env.VIGIE_PEERS, '/'));
