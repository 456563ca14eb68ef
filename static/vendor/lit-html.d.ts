/** What an `html` template gives. */
export type TemplateResult = { readonly _$litType$: unknown };
export declare function html(strings: TemplateStringsArray, ...values: unknown[]): TemplateResult;
export declare const nothing: unique symbol;
export declare function render(value: unknown, container: Element | DocumentFragment): void;
export declare function svg(strings: TemplateStringsArray, ...values: unknown[]): TemplateResult;
