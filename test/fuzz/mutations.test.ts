import { it } from 'vitest';
import { campaign, campaignOptions } from './campaign.ts';

it('goes on after 1,000 mutated inputs', () => campaign(campaignOptions(1_000)));
