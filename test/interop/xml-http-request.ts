// As much of the browser's XMLHttpRequest as dicomweb-client uses, over fetch. It takes one as `request.instance`.

export class FetchRequest {
  responseType = '';
  readyState = 0;
  status = 0;
  response: unknown;
  withCredentials = false;
  onreadystatechange: (() => void) | undefined;
  #method = 'GET';
  #url = '';
  #answer: Headers = new Headers();
  readonly #headers: Record<string, string> = {};

  open(method: string, url: string): void {
    this.#method = method;
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers[name] = value;
  }

  getResponseHeader(name: string): string | null {
    return this.#answer.get(name);
  }

  getAllResponseHeaders(): string {
    return [...this.#answer].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  }

  send(body?: RequestInit['body']): void {
    this.#run(body).then(
      () => this.#done(),
      () => this.#done(), // as a browser does: status 0
    );
  }

  async #run(body: RequestInit['body'] | undefined): Promise<void> {
    const answer = await fetch(this.#url, { method: this.#method, headers: this.#headers, ...(body && { body }) });
    this.#answer = answer.headers;
    const bytes = await answer.arrayBuffer();
    const text = () => new TextDecoder().decode(bytes);
    if (this.responseType === 'arraybuffer') this.response = bytes;
    else this.response = this.responseType === 'json' ? JSON.parse(text()) : text();
    this.status = answer.status;
  }

  #done(): void {
    this.readyState = 4;
    this.onreadystatechange?.();
  }
}
