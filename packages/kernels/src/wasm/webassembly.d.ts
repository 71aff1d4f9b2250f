// The part of the WebAssembly JavaScript interface that the host uses. Neither the ES libraries nor @types/node declare it, and the DOM library would bring all
// of the browser's names with it.
declare namespace WebAssembly {
  class Module {
    private readonly brand: 'WebAssembly.Module';
    constructor(bytes: BufferSource);
    static exports(module: Module): { name: string; kind: 'function' | 'table' | 'memory' | 'global' | 'tag' }[];
  }
  interface MemoryDescriptor {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }
  class Memory {
    private readonly brand: 'WebAssembly.Memory';
    constructor(descriptor: MemoryDescriptor);
    /** After `grow` a new, longer object; earlier ones keep their length. */
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }
  class Instance {
    constructor(module: Module, imports: { readonly env: { readonly memory: Memory } });
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class RuntimeError extends Error {}
  type BufferSource = ArrayBuffer | ArrayBufferView<ArrayBuffer>;
}
