// SPDX-License-Identifier: Apache-2.0
// The Equal Earth projection (B. Savric, T. Patterson, B. Jenny, 2018,
// doi:10.1080/13658816.2018.1504949): areas stay in proportion, and the formula is short. Constants
// and frame are those of web/map/make.js, which draws the land.
#include "observatory/pages/map.h"

#include <math.h>

static const double A1 = 1.340264, A2 = -0.081106, A3 = 0.000893, A4 = 0.003796;
static const double TOP_LATITUDE = 84;

static void equal_earth(double latitude, double longitude, double *x, double *y)
{
    double lambda = longitude * M_PI / 180;
    double theta = asin(sqrt(3) / 2 * sin(latitude * M_PI / 180));
    double t2 = theta * theta, t6 = t2 * t2 * t2;
    *x = lambda * cos(theta) / (sqrt(3) / 2 * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)));
    *y = theta * (A1 + A2 * t2 + t6 * (A3 + A4 * t2));
}

void map_project(double latitude, double longitude, double *x, double *y)
{
    double edge, top, unused;
    equal_earth(0, 180, &edge, &unused);
    equal_earth(TOP_LATITUDE, 0, &unused, &top);
    double scale = MAP_WIDTH / 2.0 / edge;
    double px, py;
    equal_earth(latitude, longitude, &px, &py);
    *x = MAP_WIDTH / 2.0 + px * scale;
    *y = (top - py) * scale;
}
