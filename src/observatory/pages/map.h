// SPDX-License-Identifier: Apache-2.0
// Where a place lies on web/static/land.svg.
#ifndef VIGIE_OBSERVATORY_PAGES_MAP_H
#define VIGIE_OBSERVATORY_PAGES_MAP_H

enum { MAP_WIDTH = 800, MAP_HEIGHT = 348 };

// Degrees to the base map's units. Equal Earth projection, as in web/map/make.js.
void map_project(double latitude, double longitude, double *x, double *y);

#endif
