// Builds the S3 server of the tests ahead of them, where that is possible; says what it has done and never fails.
import { obtainS3Server } from './s3-server';

process.stdout.write(`S3 server: ${obtainS3Server() ?? 'none'}\n`);
