import { it } from 'vitest';
import { campaign, campaignOptions } from './campaign.ts';

it('goes on after 10,000 mutated inputs', () => campaign(campaignOptions(10_000)));
