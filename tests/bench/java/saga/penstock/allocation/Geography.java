package penstock.allocation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Where a province is, and how far a warehouse is from it: the same table and the same formula as Penstock's. */
final class Geography {
    private static final double EARTH_RADIUS_KM = 6371.0;
    // Longest first: 壮族自治区 before 自治区.
    private static final List<String> SUFFIXES = List.of("维吾尔自治区", "特别行政区", "回族自治区", "壮族自治区", "自治区", "省",
            "市", "autonomousregion", "municipality", "province", "city", "sheng", "shi", "sar");
    private static final Map<String, double[]> CENTRES = new HashMap<>();
    // A merchant has tens of warehouses and there are 34 provinces: every pair stays.
    private static final Map<Way, Double> DISTANCES = new ConcurrentHashMap<>();
    private static final double UNKNOWN = -1;

    private record Way(String province, double latitude, double longitude) {}

    static {
        centre(39.90, 116.41, "北京", "Beijing", "Peking");
        centre(39.13, 117.20, "天津", "Tianjin", "Tientsin");
        centre(31.23, 121.47, "上海", "Shanghai");
        centre(29.56, 106.55, "重庆", "Chongqing", "Chungking");
        centre(38.40, 115.20, "河北", "Hebei");
        centre(37.60, 112.30, "山西", "Shanxi");
        centre(41.40, 122.90, "辽宁", "Liaoning");
        centre(43.70, 126.20, "吉林", "Jilin");
        centre(46.80, 127.80, "黑龙江", "Heilongjiang");
        centre(32.40, 119.60, "江苏", "Jiangsu");
        centre(29.60, 120.40, "浙江", "Zhejiang");
        centre(31.90, 117.20, "安徽", "Anhui");
        centre(25.70, 118.60, "福建", "Fujian");
        centre(27.90, 115.70, "江西", "Jiangxi");
        centre(36.30, 118.20, "山东", "Shandong");
        centre(34.10, 113.60, "河南", "Henan");
        centre(30.80, 112.90, "湖北", "Hubei");
        centre(27.70, 111.90, "湖南", "Hunan");
        centre(23.10, 113.40, "广东", "Guangdong", "Canton");
        centre(19.60, 110.00, "海南", "Hainan");
        centre(30.60, 103.70, "四川", "Sichuan", "Szechuan");
        centre(26.80, 106.80, "贵州", "Guizhou");
        centre(24.90, 101.90, "云南", "Yunnan");
        centre(34.60, 108.80, "陕西", "Shaanxi");
        centre(35.90, 103.80, "甘肃", "Gansu");
        centre(36.40, 100.80, "青海", "Qinghai");
        centre(24.20, 120.90, "台湾", "Taiwan", "臺灣", "台灣");
        centre(41.30, 111.90, "内蒙古", "Inner Mongolia", "Nei Mongol", "Neimenggu", "Nei Menggu");
        centre(23.30, 108.60, "广西", "Guangxi", "Guangxi Zhuang");
        centre(30.00, 90.80, "西藏", "Tibet", "Xizang");
        centre(37.80, 106.20, "宁夏", "Ningxia", "Ningxia Hui");
        centre(43.60, 86.40, "新疆", "Xinjiang", "Xinjiang Uyghur", "Xinjiang Uygur");
        centre(22.35, 114.15, "香港", "Hong Kong", "Hongkong", "Xianggang");
        centre(22.17, 113.55, "澳门", "Macau", "Macao", "Aomen", "澳門");
    }

    private Geography() {}

    /** Great-circle distance from a province's middle to a point, to 0.1 km; null: province unknown. */
    static Double distanceKm(String province, double latitude, double longitude) {
        Way way = new Way(province, latitude, longitude);
        Double known = DISTANCES.get(way);
        if (known == null) {
            known = measured(way);
            if (DISTANCES.size() < 8192) {
                DISTANCES.put(way, known);
            }
        }
        return known == UNKNOWN ? null : known;
    }

    private static double measured(Way way) {
        double[] centre = centreOf(way.province());
        if (centre == null) {
            return UNKNOWN;
        }
        double here = Math.toRadians(centre[0]);
        double there = Math.toRadians(way.latitude());
        double halfNorth = Math.sin((there - here) / 2);
        double halfEast = Math.sin(Math.toRadians(way.longitude() - centre[1]) / 2);
        double chord = halfNorth * halfNorth + Math.cos(here) * Math.cos(there) * halfEast * halfEast;
        return Math.round(20 * EARTH_RADIUS_KM * Math.asin(Math.min(1.0, Math.sqrt(chord)))) / 10.0;
    }

    private static double[] centreOf(String province) {
        String plain = plain(province);
        double[] found = CENTRES.get(plain);
        if (found != null) {
            return found;
        }
        for (String suffix : SUFFIXES) {
            if (plain.endsWith(suffix)) {
                return CENTRES.get(plain.substring(0, plain.length() - suffix.length()));
            }
        }
        return null;
    }

    /** A name in lower case, without blanks, hyphens and apostrophes. */
    private static String plain(String name) {
        return name.replaceAll("[\\s\\-']", "").toLowerCase(java.util.Locale.ROOT);
    }

    private static void centre(double latitude, double longitude, String... spellings) {
        for (String spelling : spellings) {
            CENTRES.put(plain(spelling), new double[] {latitude, longitude});
        }
    }
}
