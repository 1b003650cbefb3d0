"""Visitors' photos in memory: bounded in number, bytes and time, and found by nobody without the key."""

import numpy as np

from explain.app.compute.kept_photos import KEPT_MINUTES, MOST_BYTES, MOST_PHOTOS, KeptPhotos
from explain.app.compute.photos import Photo


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def photo(number: int = 0, rows: int = 4) -> Photo:
    return Photo(str(number), np.full((rows, 4, 3), number, "uint8"), "Your photo")


def test_the_bounds_are_those_that_the_page_promises():
    kept = KeptPhotos()
    assert (MOST_PHOTOS, MOST_BYTES, KEPT_MINUTES) == (50, 500_000_000, 60)
    assert (kept.most, kept.most_bytes, kept.seconds) == (50, 500_000_000, 3600)


def test_a_photo_is_found_by_its_key_and_by_no_other():
    kept, mine = KeptPhotos(), photo()
    key = kept.keep(mine)
    assert kept.find(key) is mine
    assert kept.find("") is kept.find(key[:-1]) is kept.find(key + "A") is None
    assert len(key) >= 40 and key != kept.keep(mine)  # 32 random bytes each time


def test_another_photo_under_the_same_key_takes_its_place():
    kept = KeptPhotos()
    key, second = kept.keep(photo(1)), photo(2)
    assert kept.keep(second, key) == key
    assert kept.find(key) is second and len(kept) == 1


def test_beyond_the_number_the_one_looked_at_longest_ago_goes():
    kept = KeptPhotos(most=3)
    keys = [kept.keep(photo(number)) for number in range(3)]
    kept.find(keys[0])
    keys.append(kept.keep(photo(3)))
    assert len(kept) == 3
    assert [kept.find(key) is not None for key in keys] == [True, False, True, True]


def test_beyond_the_bytes_the_one_looked_at_longest_ago_goes():
    small = photo().bytes
    kept = KeptPhotos(most_bytes=3 * small)
    keys = [kept.keep(photo(number)) for number in range(3)]
    keys.append(kept.keep(photo(3, rows=8)))
    assert kept.used == 3 * small
    assert [kept.find(key) is not None for key in keys] == [False, False, True, True]
    kept.keep(photo(4, rows=16))  # more than all that is allowed
    assert kept.used <= 3 * small


def test_the_bytes_are_those_of_all_pictures_of_a_photo():
    pixels = np.zeros((4, 4, 3), "uint8")
    whole = Photo("a", pixels, "", reference=pixels, larger=Photo("b", pixels, "", wide=pixels), wide=pixels)
    assert whole.bytes == 5 * pixels.nbytes


def test_after_an_hour_without_a_look_it_is_forgotten_and_a_look_starts_the_hour_again():
    clock = Clock()
    kept = KeptPhotos(clock=clock)
    one, other = kept.keep(photo(1)), kept.keep(photo(2))
    clock.now = 3000.0
    assert kept.find(one)
    clock.now = 3601.0
    kept.tidy()
    assert len(kept) == 1 and kept.find(other) is None and kept.find(one)
    clock.now += 3600.0
    assert kept.find(one) is None and len(kept) == 0


def test_it_is_forgotten_on_request():
    dropped: list[Photo] = []
    kept, mine = KeptPhotos(most=1, forget=dropped.append), photo()
    key = kept.keep(mine)
    kept.forget(key)
    kept.forget(key)
    assert kept.find(key) is None and kept.used == 0
    other = photo(1)
    kept.keep(other)
    kept.keep(photo(2))
    assert dropped == [mine, other]  # with what was computed of them
