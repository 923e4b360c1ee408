/** Who comes in: with no role, and with each role of `world.ts`. */
export const columns = ['owner', 'reader', 'searcher', 'runner', 'writer', 'nobody'] as const;

// What each finds:
//   all      everything that there is
//   part     what its role leaves, and nothing else
//   none     an answer with nothing of it
//   open     an answer that shows no data: what was asked for is allowed
//   refused  it may see what it asks for, but not that: the error names the rule
//   hidden   the same error as for what does not exist
//   absent   the same error as for a tool, resource or prompt that this server does not have; it is in no list
const text = `
# door                                    thing            owner    reader   searcher runner   writer   nobody
# Tools
tool:describe_collection                  orders           all      part     hidden   hidden   part     hidden
tool:describe_collection                  salaries         all      hidden   hidden   hidden   hidden   hidden
tool:find                                 orders           all      part     hidden   hidden   part     hidden
tool:find                                 salaries         all      hidden   hidden   hidden   hidden   hidden
tool:aggregate                            orders           all      part     hidden   hidden   part     hidden
tool:aggregate                            salaries         all      hidden   hidden   hidden   hidden   hidden
tool:count                                orders           all      part     hidden   hidden   part     hidden
tool:count                                salaries         all      hidden   hidden   hidden   hidden   hidden
tool:distinct                             orders           all      part     hidden   hidden   part     hidden
tool:distinct                             salaries         none     hidden   hidden   hidden   hidden   hidden
tool:explain                              orders           all      refused  hidden   hidden   refused  hidden
tool:explain                              salaries         all      hidden   hidden   hidden   hidden   hidden
tool:export                               orders           all      part     hidden   hidden   part     hidden
tool:export                               salaries         all      hidden   hidden   hidden   hidden   hidden
tool:search                               everything       all      none     part     none     none     none
tool:get_document                         inline/valves    all      hidden   all      hidden   hidden   hidden
tool:get_document                         vault/plan.txt   all      hidden   hidden   hidden   hidden   hidden
tool:similar_documents                    vault/plan.txt   all      hidden   hidden   hidden   hidden   hidden
tool:list_documents                       everything       all      none     part     none     none     none
tool:list_sources                         everything       all      none     part     none     none     none
tool:list_databases                       everything       all      part     none     none     part     none
tool:list_collections                     everything       all      part     none     none     part     none
tool:list_workflows                       everything       all      none     none     part     none     none
tool:run_workflow                         greet            all      absent   absent   all      absent   hidden
tool:run_workflow                         pay              all      absent   absent   hidden   absent   hidden
tool:health                               everything       all      part     part     absent   part     part
tool:ingest                               vault            open     absent   absent   absent   absent   refused
tool:add_document                         inline           open     absent   absent   absent   absent   refused
tool:remove_document                      inline           open     absent   absent   absent   absent   hidden
tool:remove_source                        vault            open     absent   absent   absent   absent   hidden
tool:insert                               own-row          all      absent   absent   absent   all      hidden
tool:insert                               other-row        all      absent   absent   absent   refused  hidden
tool:update                               rows             all      absent   absent   absent   part     hidden
tool:delete                               rows             all      absent   absent   absent   part     hidden
tool:create_index                         ledger           open     absent   absent   absent   refused  hidden
tool:drop_index                           ledger           open     absent   absent   absent   refused  hidden
tool:drop_collection                      scrap            open     absent   absent   absent   refused  hidden
tool:get_run                              own              all      hidden   hidden   all      hidden   hidden
tool:get_run                              own-not-granted  all      hidden   hidden   hidden   hidden   hidden
tool:get_run                              owner's          all      hidden   hidden   hidden   hidden   hidden
# Resources that are read
read:health-live                          -                open     open     open     absent   open     open
read:health-ready                         -                open     open     open     absent   open     open
read:health-detail                        -                all      part     part     absent   part     part
read:collection                           orders           all      part     hidden   hidden   part     hidden
read:collection                           salaries         all      hidden   hidden   hidden   hidden   hidden
read:document                             inline/valves    all      hidden   all      hidden   hidden   hidden
read:document                             vault/plan.txt   all      hidden   hidden   hidden   hidden   hidden
read:run                                  own              all      hidden   hidden   all      hidden   hidden
read:run                                  own-not-granted  all      hidden   hidden   hidden   hidden   hidden
read:run                                  owner's          all      hidden   hidden   hidden   hidden   hidden
read:export                               own              all      all      all      all      all      all
read:export                               owner's          all      hidden   hidden   hidden   hidden   hidden
# Entries of lists of resources, by template
list:collection                           -                all      part     none     none     part     none
list:document                             -                all      none     part     none     none     none
list:run                                  -                all      none     none     part     none     none
list:export                               -                none     none     none     none     none     none
# Subscriptions: resources/subscribe of 2025, subscriptions/listen of 2026
follow:health-live                        -                open     open     open     hidden   open     open
follow:health-ready                       -                open     open     open     hidden   open     open
follow:health-detail                      -                open     open     open     hidden   open     open
follow:collection                         orders           open     hidden   hidden   hidden   hidden   hidden
follow:collection                         salaries         open     hidden   hidden   hidden   hidden   hidden
follow:document                           inline/valves    open     hidden   open     hidden   hidden   hidden
follow:document                           vault/plan.txt   open     hidden   hidden   hidden   hidden   hidden
follow:run                                own              open     hidden   hidden   open     hidden   hidden
follow:run                                own-not-granted  open     hidden   hidden   hidden   hidden   hidden
follow:run                                owner's          open     hidden   hidden   hidden   hidden   hidden
follow:export                             own              open     open     open     open     open     open
follow:export                             owner's          open     hidden   hidden   hidden   hidden   hidden
# Completions of templates and of prompts
complete:collection.database              -                all      part     none     none     part     none
complete:collection.collection            -                all      part     none     none     part     none
complete:document.id                      -                all      none     part     none     none     none
complete:run.id                           -                all      none     none     part     none     none
complete:export.id                        -                none     none     none     none     none     none
complete:explore_collection.collection    -                all      part     none     none     part     none
complete:brief.topic                      -                all      absent   absent   none     absent   none
# Prompts
prompt:answer_from_documents              -                open     open     open     open     open     open
prompt:explore_collection                 -                open     open     open     open     open     open
prompt:brief                              -                open     absent   absent   open     absent   open
# Cursors, one's own and another caller's
cursor:resources                          owner's          open     hidden   hidden   hidden   hidden   hidden
cursor:find                               own              all      part     hidden   hidden   part     hidden
cursor:find                               owner's          all      hidden   hidden   hidden   hidden   hidden
cursor:list_documents                     own              open     hidden   open     hidden   hidden   hidden
cursor:list_documents                     owner's          open     hidden   hidden   hidden   hidden   hidden
`;

/** What each column finds, by door and thing. */
export const table: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [door, thing, ...found] = line.split(/\s+/);
      return [`${door} ${thing}`, found];
    }),
);
