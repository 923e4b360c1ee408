import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { GraphDrawStyle, StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type Panel, panels, type Query } from './dashboard-panels.ts';

/** Columns of Grafana's grid. */
const columns = 24;

const prometheus = { type: 'prometheus', uid: '$datasource' };

const target = ([expression, legend]: Query): Builder<Dataquery> =>
  new DataqueryBuilder().expr(expression).legendFormat(legend);

function panelOf({ title, description, unit, queries, isStacked }: Panel, span: number): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(prometheus)
    .unit(unit)
    .min(0)
    .span(span)
    .height(8)
    .drawStyle(GraphDrawStyle.Line)
    .fillOpacity(isStacked ? 30 : 0);
  for (const query of queries) panel.withTarget(target(query));
  return isStacked ? panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal)) : panel;
}

/** A dashboard for Grafana that asks for the Prometheus and for the instances when it is opened. */
export function dashboard(): Dashboard {
  const instances = new QueryVariableBuilder('instance')
    .label('Instance')
    .datasource(prometheus)
    .query('label_values(hydrogen_calls_in_progress, instance)')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*');
  const made = new DashboardBuilder('Hydrogen MCP')
    .uid('hydrogen-mcp')
    .tags(['hydrogen', 'mcp'])
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .withVariable(instances);
  for (const [title, row] of Object.entries(panels)) {
    made.withRow(new RowBuilder(title));
    for (const panel of row) made.withPanel(panelOf(panel, Math.max(8, columns / row.length)));
  }
  return made.build();
}
