/** A port with some of its methods replaced; the others are its own. */

export function overlay<T extends object>(port: T, methods: Partial<T>): T {
  return new Proxy(port, {
    get(_, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name) as unknown;
      const own = Reflect.get(port, name, port) as unknown;
      return typeof own === 'function' ? (own.bind(port) as unknown) : own;
    },
  });
}
