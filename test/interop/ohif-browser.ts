// Chromium with OHIF in it: opens its pages, turns the wheel, and looks at what is drawn.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** Loaded machines draw slowly without a graphics card. */
const patience = { timeout: 120_000 };
const thumbnail = '[data-cy="study-browser-thumbnail"], [data-cy="study-browser-thumbnail-no-image"]';
const pane = '[data-cy="viewport-pane"]';

/** Pixels of the middle of the viewport, where no text stands. */
export interface Seen {
  readonly width: number;
  readonly height: number;
  /** Brightness 0 to 255, row by row. */
  readonly grey: Uint8Array;
}

/** As much of an HTML image as is asked of it. */
interface Picture {
  readonly naturalWidth: number;
}

export interface ViewerOptions {
  readonly program: string;
  readonly url: string;
  /** Where to put pictures of what was seen, for people; nowhere if absent. */
  readonly pictures?: string | undefined;
}

export async function openViewer({ program, url, pictures }: ViewerOptions) {
  const browser = await chromium.launch({ executablePath: program, args: flags(), ...patience });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, serviceWorkers: 'block' });
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
    return new Viewer(browser, page, url, pictures);
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Drawing in software; nobody else on the net is asked for anything. */
function flags(): string[] {
  const drawing = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-gpu-watchdog'];
  const alone = ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'];
  return [...drawing, ...alone, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
}

export class Viewer {
  readonly #browser: Browser;
  readonly page: Page;
  readonly #url: string;
  readonly #pictures: string | undefined;
  /** What the pages complained about. */
  readonly complaints: string[] = [];

  constructor(browser: Browser, page: Page, url: string, pictures: string | undefined) {
    this.#browser = browser;
    this.page = page;
    this.#url = url;
    this.#pictures = pictures;
    page.setDefaultTimeout(patience.timeout);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  /** The study list; rows are awaited by whoever reads them. */
  async list(): Promise<void> {
    await this.page.goto(this.#url, patience);
    await this.page.getByText('Study List').waitFor();
  }

  /** The rows of the study list, their cells in order. */
  async rows(): Promise<string[][]> {
    const rows = await this.page.locator('tbody tr').all();
    const cells = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
    return cells.map((row) => row.map((text) => text.trim())).filter((row) => row.length > 1);
  }

  /** Types a name over the column of patients. */
  async search(name: string): Promise<void> {
    await this.page.locator('thead input, tbody input').first().fill(name);
  }

  /** The viewer with these studies. The tour for beginners stays away. */
  async open(...studies: readonly string[]): Promise<void> {
    const shown = "localStorage.setItem('shownTours', JSON.stringify(['basicViewerTour']))";
    await this.page.evaluate(shown);
    const query = studies.map((study) => `StudyInstanceUIDs=${study}`).join('&');
    await this.page.goto(`${this.#url}/viewer?${query}`, patience);
  }

  /** The series in the list at the left: modality, description, number, how many, and whether its thumbnail is drawn. */
  async series(): Promise<{ text: string; drawn: boolean }[]> {
    const all = await this.page.locator(thumbnail).all();
    const look = async (each: Locator) => {
      const [text = ''] = await each.allInnerTexts();
      const widths = await each
        .locator('img')
        .evaluateAll((pictures) => pictures.map((each) => (each as unknown as Picture).naturalWidth));
      return { text: text.replaceAll(/\s+/g, ' ').trim(), drawn: widths.some((width) => width > 0) };
    };
    return Promise.all(all.map(look));
  }

  /** Shows a series of the list in the viewport. */
  async show(text: string): Promise<void> {
    await this.page.locator(thumbnail).filter({ hasText: text }).first().dblclick();
  }

  /** All that can be read in the viewport. */
  async text(): Promise<string> {
    return (await this.page.locator('[data-cy="viewport-grid"]').allInnerTexts()).join('\n');
  }

  /** Position in the stack as the overlay tells it, such as `1/12`. */
  async position(): Promise<string | undefined> {
    const [text] = await this.page.locator('[data-cy="viewport-overlay-bottom-right"]').allInnerTexts();
    return /\d+\/\d+/.exec(text ?? '')?.[0];
  }

  async wheel(notches: number): Promise<void> {
    const box = (await this.page.locator(pane).first().boundingBox())!;
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (let turned = 0; turned < Math.abs(notches); turned += 1) {
      await this.page.mouse.wheel(0, Math.sign(notches) * 100);
      await this.page.waitForTimeout(100); // as a finger does: OHIF drops what comes faster
    }
  }

  /** The middle of the viewport. */
  async seen(): Promise<Seen> {
    const box = (await this.page.locator(`${pane} canvas`).first().boundingBox())!;
    const [width, height] = [Math.floor(box.width * 0.6), Math.floor(box.height * 0.6)];
    const clip = { x: box.x + box.width * 0.2, y: box.y + box.height * 0.2, width, height };
    const { data, channels, ...size } = decode(await this.page.screenshot({ clip, ...patience }));
    const grey = Uint8Array.from({ length: size.width * size.height }, (_, at) => Number(data[at * channels + 1]));
    return { width: size.width, height: size.height, grey };
  }

  /** Waits until the viewport shows an image that fits; gives it. */
  async image(fits: (seen: Seen) => boolean = drawn): Promise<Seen> {
    let seen: Seen | undefined;
    const look = async () => {
      if ((await this.page.locator(`${pane} canvas`).count()) === 0) return false;
      seen = await this.seen();
      return fits(seen);
    };
    await expect.poll(look, { ...patience, interval: 200 }).toBe(true);
    return seen!;
  }

  async picture(name: string): Promise<void> {
    if (this.#pictures === undefined) return;
    await this.page.screenshot({ path: join(this.#pictures, `${name}.png`), ...patience });
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

/** Whether there are more tones than an empty viewport and a word in it have. */
export function drawn({ grey }: Seen): boolean {
  const counts = new Uint32Array(256);
  for (const value of grey) counts[value] = counts[value]! + 1;
  const common = counts.filter((count) => count > grey.length / 10_000).length;
  return common > 16;
}

/** The share of pixels, 0 to 1, that differ between two looks at the same viewport. */
export function difference(one: Seen, other: Seen): number {
  let differing = 0;
  for (const [at, value] of one.grey.entries()) if (Math.abs(value - other.grey[at]!) > 16) differing += 1;
  return differing / one.grey.length;
}

/** Where, left to right from 0 to 1, the bright pixels are on average. */
export function brightAt({ grey, width }: Seen): number {
  let [sum, count] = [0, 0];
  for (const [at, value] of grey.entries()) {
    if (value < 200) continue;
    sum += at % width;
    count += 1;
  }
  return sum / count / width;
}
