/**
 * The environment of somebody who has just cloned the project: no setting of npm, of Node or of ours reaches the command, and the home is an empty one. The
 * certificates that this machine trusts stay in force, or nothing could be installed behind a proxy.
 */
export function freshEnvironment(home: string): NodeJS.ProcessEnv {
  const isSetting = (name: string): boolean => /^(npm_|RNT_|NODE_)/i.test(name) && name !== 'NODE_EXTRA_CA_CERTS';
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting(name))), HOME: home };
}
