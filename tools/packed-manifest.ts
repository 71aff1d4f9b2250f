// package.json of a workspace as it stands in its tarball: compiled files instead of sources.

/** What an export or one of its conditions names. */
type ExportTarget = string | Readonly<Record<string, string>>;

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly type: 'module';
  readonly exports: Readonly<Record<string, ExportTarget>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
}

function compiled(source: string, ending: '.js' | '.d.ts'): string {
  const match = /^\.\/src\/(.+)\.ts$/.exec(source);
  if (match === null) throw new Error(`exports name ${source}, which is no ./src/*.ts`);
  return `./dist/${match[1]}${ending}`;
}

/** The conditions of one export, `types` first as TypeScript asks, the others in their order. */
function compiledExport(target: ExportTarget): Record<string, string> {
  const { types, ...others } = typeof target === 'string' ? { types: target, default: target } : target;
  if (types === undefined) throw new Error(`the conditions ${Object.keys(others).join(', ')} have no types`);
  return {
    types: compiled(types, '.d.ts'),
    ...Object.fromEntries(Object.entries(others).map(([condition, source]) => [condition, compiled(source, '.js')])),
  };
}

/**
 * The manifest for the tarball of a workspace. What has a command brings the Node that it runs on: `project` is the root's manifest,
 * which pins it.
 */
export function packedManifest(
  manifest: Manifest,
  project: Pick<Manifest, 'optionalDependencies' | 'engines'>,
): Manifest {
  const { name, version, license, type, bin, dependencies = {} } = manifest;
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([path, target]) => [path, compiledExport(target)]),
  );
  if (bin === undefined) return { name, version, license, type, exports, dependencies };
  const { optionalDependencies = {}, engines = {} } = project;
  return { name, version, license, type, engines, exports, bin, dependencies, optionalDependencies };
}
