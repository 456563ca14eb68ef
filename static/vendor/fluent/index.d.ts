export type Value = string | number;
export declare class FluentResource {
  constructor(source: string);
}
export declare class FluentBundle {
  constructor(locale: string, options?: { useIsolating?: boolean });
  addResource(resource: FluentResource): Error[];
  getMessage(key: string): { value: unknown } | undefined;
  formatPattern(pattern: any, values?: Record<string, Value> | null, errors?: Error[] | null): string;
}
