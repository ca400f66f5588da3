// The environment as configuration: defaults, and messages that name the variable, what was found and what is allowed.
import { join } from 'node:path';
import { loadConfig } from '../../../src/config';
import { UnderstudyError } from '../../../src/domain/failures';

/** No profile file of the person who runs the tests. */
const BARE = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' };

function failureOf(env: Record<string, string>): UnderstudyError {
  try {
    loadConfig({ ...BARE, ...env });
  } catch (error) {
    if (error instanceof UnderstudyError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('configuration', () => {
  it('has a default for everything', () => {
    const config = loadConfig(BARE, '/work');
    expect(config).toMatchObject({
      home: '/work/.understudy',
      artifactStore: 'file:///work/.understudy/artifacts',
      artifactCacheMb: 10_240,
      servingPort: 8600,
      servingPortIsExplicit: false,
      trainingThreads: 2,
      logLevel: 'info',
      temporal: { external: false, namespace: 'default' },
    });
    expect(config.models).toBe(join(config.packageRoot, 'models'));
    expect(config.databaseUrl).toBeUndefined();
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('counts an empty variable as not set', () => {
    expect(loadConfig({ ...BARE, SERVING_PORT: '', DATABASE_URL: '' })).toMatchObject({ servingPort: 8600 });
  });

  it("switches the AWS SDK's warning about Node.js off in this process, unless a person has set it", () => {
    const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
    const before = process.env[name];
    delete process.env[name];
    loadConfig();
    expect(process.env[name]).toBe('true');
    process.env[name] = 'false';
    loadConfig();
    expect(process.env[name]).toBe('false');
    process.env[name] = before ?? 'true';
  });

  it('takes relative folders from the current one', () => {
    expect(loadConfig({ ...BARE, UNDERSTUDY_HOME: 'data' }, '/work').home).toBe('/work/data');
  });

  it.each([
    ['SERVING_PORT', '80a', 'a whole number from 0 to 65535'],
    ['SERVING_PORT', '70000', 'a whole number from 0 to 65535'],
    ['ARTIFACT_STORE', 'file://relative', 'file:///absolute/folder or s3://bucket/prefix'],
    ['ARTIFACT_STORE', 's3:///prefix', 'file:///absolute/folder or s3://bucket/prefix'],
    ['ARTIFACT_CACHE_MB', '1', 'a whole number from 64 to 100000000'],
    ['DATABASE_URL', 'mysql://host/db', 'postgresql://user:password@host:port/database'],
    ['LOG_LEVEL', 'loud', 'error, warn, info, debug, trace'],
    ['TRAINING_THREADS', '0', 'a whole number from 1 to 256'],
    ['SOURCE_SHOP', 'mysql://host/db', 'postgresql://user:password@host:port/database'],
    ['AWS_ENDPOINT_URL_S3', 'ftp://host', 'http://host:port or https://host'],
  ])('refuses %s=%s and says what is allowed', (variable, found, allowed) => {
    const failure = failureOf({ [variable]: found });
    expect(failure.code).toBe('CONFIG_INVALID');
    expect(failure.message).toBe(`${variable} is "${found}"; allowed: ${allowed}.`);
  });

  it('repeats no password and no secret in a message', () => {
    expect(failureOf({ DATABASE_URL: 'mysql://me:hunter2@host/db' }).message).not.toContain('hunter2');
    expect(failureOf({ SOURCE_SHOP: 'mysql://me:hunter2@host/db' }).message).not.toContain('hunter2');
    expect(failureOf({ ALERT_WEBHOOK_SECRET: 'hunter2' }).message).not.toContain('hunter2');
  });

  it('gives the addresses of sources by their variables, and a region to an S3 store of one’s own', () => {
    const shop = 'postgresql://reader:secret@host/shop';
    const config = loadConfig({
      ...BARE,
      SOURCE_SHOP: shop,
      SOURCE_EMPTY: '',
      AWS_ENDPOINT_URL_S3: 'http://host:7070',
    });
    expect(config.sourceConnections).toEqual({ SOURCE_SHOP: shop });
    expect(config.sourceS3).toEqual({ endpoint: 'http://host:7070', region: 'us-east-1' });
    expect(loadConfig({ ...BARE, AWS_REGION: 'eu-west-1' }).sourceS3).toEqual({});
  });

  it('knows an external Temporal by its address', () => {
    const { temporal } = loadConfig({ ...BARE, TEMPORAL_ADDRESS: 'cluster:7233', TEMPORAL_NAMESPACE: 'ml' });
    expect(temporal).toMatchObject({ external: true, address: 'cluster:7233', namespace: 'ml' });
  });

  it('says which profile is missing', () => {
    expect(failureOf({ TEMPORAL_PROFILE: 'nobody' })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('nobody') as string,
    });
  });
});
